/** CommonJS: in Node 20 the pool's first message comes before an ES module has loaded, and is lost. */
const { ClusterWorker } = require('poolifier');
const { next, spin } = require('./spin.mjs');

module.exports = new ClusterWorker({ next, spin });
