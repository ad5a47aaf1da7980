import { render } from 'preact';
import { runClock } from '../data/clock.ts';
import { takeTokenFrom } from '../data/token.ts';
import { LabPage } from './lab-page.tsx';
import { followLab } from './lab-stream.ts';
import '../style/colours.css';
import '../style/text.css';
import '../style/frame.css';
import './style/controls.css';
import './style/lanes.css';
import './style/story.css';

const takeToken = (): void => {
  if (takeTokenFrom(location.hash)) history.replaceState(null, '', location.pathname);
};
takeToken();
addEventListener('hashchange', takeToken);
runClock();
followLab();

const root = document.querySelector('#app');
if (root !== null) render(<LabPage />, root);
