import { setInterval } from 'node:timers';
import type { Supervisor } from '../supervisor/supervisor.ts';
import { LoadMeter } from './load-meter.ts';

const MEASURE_EVERY_MS = 250;

/** Measures again and again how many CPUs are busy with work of normal priority. The timer is to be cleared when nobody wants to know any more. */
export function watchLoad(supervisor: Supervisor, cpus: number, onMeasured: (busyCpus: number) => void): NodeJS.Timeout {
  const meter = new LoadMeter(cpus);
  return setInterval(() => {
    const workers = [...supervisor.workers].map(({ id, cpuPercent }) => ({
      cpuPercent,
      demoted: supervisor.demotion.isDemoted(id),
    }));
    const busyCpus = meter.measure(workers);
    supervisor.demotion.setLoad(busyCpus);
    onMeasured(busyCpus);
  }, MEASURE_EVERY_MS);
}
