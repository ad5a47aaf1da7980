import { offload } from 'prefork';

export const dynamic = 'force-dynamic';
export const GET = offload('examples/offload/report.ts', { deadline: '30s', max: 2 });
