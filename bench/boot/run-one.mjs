/**
 * One way to start something: `node run-one.mjs FILE ENTRY TIMES`. Starts it again and again, one after the other, and prints the times from the
 * start to its readiness as JSON. The first one is not counted: it fills caches, of the system and of the way itself.
 */
const [file, entry, times] = process.argv.slice(2);
const { start } = await import(file);
const way = await start(entry);
const timesMs = [];
for (let index = 0; index <= Number(times); index += 1) timesMs.push(await way.boot());
console.log(JSON.stringify(timesMs.slice(1)));
process.exit(0);
