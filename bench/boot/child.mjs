await import(`./handlers/${process.argv[2]}`);
process.send('ready');
// It stays, as a worker does.
process.on('message', () => {});
