/**
 * Who may import whom. The reasons are in CONTRIBUTING.md, "The rooms"; a test imports whatever it tests, so only src/ and
 * simulation/ are held to this. Type-only imports count (tsPreCompilationDeps), in cycles too: a type that two rooms owe each other is a design
 * that will not come apart.
 */
const BAG = '[/-](utils|util|helpers|helper|common|managers|manager)[/.]';

/** `from`, but for `except`, may import only what `to` matches; Node's own modules where `node` says so. */
function only(name, comment, from, to, { node, except }) {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: from, ...(except === undefined ? {} : { pathNot: except }) },
    to: { pathNot: to, ...(node ? { dependencyTypesNot: ['core'] } : {}) },
  };
}

/** `to` may be imported only by what `from` matches. */
function byAlone(name, comment, to, from) {
  return { name, comment, severity: 'error', from: { path: '^src/', pathNot: from }, to: { path: to } };
}

module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'Two files that need each other are one file, or need a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...['from', 'to'].map((end) => ({
      name: `no-bag-of-things-${end}`,
      comment: 'A file or folder is named for what it does; utils, helpers, common and manager name nothing.',
      severity: 'error',
      from: end === 'from' ? { path: BAG, pathNot: 'node_modules' } : {},
      to: end === 'to' ? { path: BAG, pathNot: 'node_modules' } : {},
    })),
    {
      name: 'no-unresolved',
      comment: 'The import leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-dependency',
      comment: 'A user does not have our devDependencies.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm'], pathNot: '/node_modules/@types/' },
    },
    {
      name: 'no-undeclared-dependency',
      comment: 'A package that package.json does not name is there by luck.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'not-to-tests',
      comment: 'The package does not hold tests, examples or tools.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|examples|tools|scripts|bench|simulation|dashboard|bin|dist)/' },
    },

    only(
      'worker-stays-small',
      'A child loads channel/, its own files and Node: its boot time and memory are the product.',
      '^src/worker/',
      '^src/(worker|channel)/',
      { node: true },
    ),
    byAlone(
      'worker-is-not-imported',
      'The primary reaches worker/ by entry URL alone: it must never run what a worker runs.',
      '^src/worker/',
      '^src/worker/',
    ),
    only('channel-stands-alone', 'Both sides of the boundary load the channel.', '^src/channel/', '^src/channel/', {
      node: true,
    }),
    only(
      'errors-and-events-stand-alone',
      'Every room uses them, so they use none.',
      '^src/(errors|events)/',
      '^src/(errors|events)/',
      { node: true },
    ),
    only(
      'scheduler-is-pure',
      '(state, event, now) in, (state, commands) out: no I/O, no clock, no package.',
      '^src/scheduler/',
      '^src/(scheduler|errors)/',
      { node: false },
    ),
    only(
      'decisions-are-pure',
      'The decisions of the supervisor are tested by table and under a virtual clock.',
      '^src/supervisor/decisions/',
      '^src/(supervisor/decisions|errors)/',
      { node: false },
    ),
    only(
      'simulation-is-a-world-of-its-own',
      'It runs the real decisions and nothing else of the real program: no clock, no process, no socket.',
      '^simulation/',
      '^(simulation|src/(scheduler|supervisor/decisions|errors))/',
      { node: false, except: '^simulation/(main|options|compare/compare-and-draw)\\.ts$' },
    ),
    only(
      'simulation-has-one-way-out',
      'Only what reads the flags and writes the picture sees Node.',
      '^simulation/(main|options|compare/compare-and-draw)\\.ts$',
      '^simulation/|^(node:)?(fs|path|util)$',
      { node: false },
    ),
    only(
      'dashboard-is-a-page',
      'It runs in a browser, and knows of the server what goes over the wire.',
      '^dashboard/',
      '^dashboard/|^src/(admin|lab)/api\\.ts$|/node_modules/(@preact/signals|preact|uplot)/|^node_modules/(@preact/signals|preact|uplot)/',
      { node: false, except: '^dashboard/vite\\.config\\.ts$' },
    ),
    {
      name: 'dashboard-takes-types-alone',
      comment: 'What runs in the primary does not run in a page.',
      severity: 'error',
      from: { path: '^dashboard/' },
      to: { path: '^src/', dependencyTypesNot: ['type-only'] },
    },
    only(
      'admin-asks-controlled',
      'What the admin API may ask of a server is `Controlled`: it knows no room that serves.',
      '^src/admin/',
      '^src/(admin|diagnostics|errors|events)/|^src/http/(health|discard-body|task-counts)\\.ts$',
      { node: true },
    ),
    byAlone(
      'admin-is-started-by-the-server',
      'Its types are for all, and its client is for the commands.',
      '^src/admin/(?!(api|client|controlled|find-server|socket-folder)\\.ts$)',
      '^src/(admin|server|lab)/',
    ),
    only(
      'lab-stands-outside',
      'It asks its servers as a user would, over their ports: it knows no room that serves.',
      '^src/lab/',
      '^src/(lab|admin|errors|text)/|^src/supervisor/spawn-server\\.ts$',
      { node: true },
    ),
    byAlone('lab-is-a-command', 'Only the command starts it.', '^src/lab/', '^src/(lab|cli)/'),
    byAlone(
      'telemetry-listens',
      'The rooms publish events; only the composition root knows who listens.',
      '^src/telemetry/',
      '^src/(telemetry|server)/',
    ),
    byAlone('cli-is-the-outermost', 'Nothing imports the command.', '^src/cli/', '^src/cli/'),
    byAlone(
      'pool-is-a-way-in',
      'Only the package entry makes pools.',
      '^src/pool/(?!(keep-alive|forward-output)\\.ts$)',
      '^src/pool/|^src/index\\.ts$',
    ),
    byAlone(
      'pool-shares-with-offload',
      'Both are guests in a process of the user.',
      '^src/pool/',
      '^src/(pool|offload)/|^src/index\\.ts$',
    ),
    byAlone('offload-is-a-way-in', 'Only the package entry offloads.', '^src/offload/', '^src/offload/|^src/index\\.ts$'),
    byAlone(
      'server-is-the-composition-root',
      'Only the command and the package entry start a server.',
      '^src/server/',
      '^src/(server|cli)/|^src/index\\.ts$',
    ),
    byAlone(
      'one-place-spawns',
      'One place starts and ends processes, or an orphan has no owner.',
      '^(node:)?child_process$',
      '^src/supervisor/',
    ),
    byAlone('one-place-clusters', 'node:cluster starts processes too.', '^(node:)?cluster$', '^src/(supervisor/|modes/cluster)'),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^simulation/\\.build/' },
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.json'],
    },
  },
};
