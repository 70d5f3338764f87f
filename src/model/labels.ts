/**
 * Labels by which an image says where it comes from; written as annotations of the index as well.
 *
 * The first six are the OCI image specification's; the others are ours, and `promote` reads them back.
 */
export const LABELS = {
  source: 'org.opencontainers.image.source',
  url: 'org.opencontainers.image.url',
  revision: 'org.opencontainers.image.revision',
  created: 'org.opencontainers.image.created',
  version: 'org.opencontainers.image.version',
  title: 'org.opencontainers.image.title',
  workflow: 'dev.pytorch-cuda-image.workflow',
  runNumber: 'dev.pytorch-cuda-image.run-number',
  torch: 'dev.pytorch-cuda-image.torch',
  cuda: 'dev.pytorch-cuda-image.cuda',
  python: 'dev.pytorch-cuda-image.python',
  minDriver: 'dev.pytorch-cuda-image.min-driver',
  archList: 'dev.pytorch-cuda-image.arch-list',
  lock: 'dev.pytorch-cuda-image.lock'
} as const
