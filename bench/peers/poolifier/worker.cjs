/** CommonJS: in Node 20 the pool's first message comes before an ES module has loaded, and is lost. */
const { ClusterWorker } = require('poolifier');
const { decide } = require('../prime.mjs');

module.exports = new ClusterWorker(decide);
