import { Charts } from './charts.tsx';
import { FiguresAtAGlance } from './figures-at-a-glance.tsx';
import { MomentsList } from './moments-list.tsx';
import { Verdict } from './verdict.tsx';
import { Workers } from './workers.tsx';
import { moments } from '../data/store.ts';

export function Overview() {
  return (
    <>
      <h1 class="unseen">Overview</h1>
      <Verdict />
      <FiguresAtAGlance />
      <Workers />
      <Charts />
      <section aria-labelledby="moments">
        <h2 id="moments">What happened</h2>
        <MomentsList moments={moments.value} />
      </section>
    </>
  );
}
