export type {
  LabMode,
  LabState,
  Lane,
  LaneEnd,
  LaneProcess,
  LaneWorker,
  ModeResult,
  Point,
  Run,
  Tab,
} from '../../src/lab/api.ts';
