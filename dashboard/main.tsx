import { render } from 'preact';
import { runClock } from './data/clock.ts';
import { followFragment } from './data/route.ts';
import { startStream } from './data/stream.ts';
import { App } from './frame/app.tsx';
import './style/page.css';

followFragment();
runClock();
startStream();

const root = document.querySelector('#app');
if (root !== null) render(<App />, root);
