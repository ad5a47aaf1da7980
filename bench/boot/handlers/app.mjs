import express from 'express';

const app = express();
app.get('/', (request, response) => response.send('ok'));

export default app;
