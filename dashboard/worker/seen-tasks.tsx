import type { SeenTask } from '../data/worker-tracks.ts';
import { duration, time } from '../data/words.ts';

/** The page looks twice a second: a task that is quicker may come and go between two looks. */
export function SeenTasks({ tasks }: { tasks: readonly SeenTask[] }) {
  if (tasks.length === 0) return <p class="empty">None yet. The page looks twice a second, and may miss what is quicker.</p>;
  return (
    <div class="scroller" tabIndex={0} role="region" aria-label="Tasks seen on this worker">
      <table>
        <thead>
          <tr>
            <th scope="col">Task</th>
            <th scope="col">Began</th>
            <th scope="col">Ran</th>
            <th scope="col">Lane</th>
            <th scope="col" class="is-text">
              Request
            </th>
          </tr>
        </thead>
        <tbody>
          {tasks.map((task) => (
            <tr key={task.id}>
              <th scope="row">{task.id}</th>
              <td>{time(task.startedAt)}</td>
              <td>
                {duration(task.runMs)}
                {task.isOver ? '' : ', runs'}
              </td>
              <td>{task.lane ?? '–'}</td>
              <td class="is-text">
                <code class="long-text">
                  {task.method} {task.url}
                </code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
