/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  // Real engines, registries and processes on a busy machine: a limit that only ends what hangs.
  testTimeout: 120_000,
  extensionsToTreatAsEsm: ['.ts'],
  transform: {'\\.ts$': '<rootDir>/scripts/jest-strip-types.mjs'},
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/build', '<rootDir>/.world'],
  watchman: false
}
