/** One release of PyTorch: what belongs to it, and for which CUDA versions it was built (Linux, x86-64). */
export interface Release {
  readonly torch: string
  readonly torchvision: string
  /** Absent where the install line of the release names none. */
  readonly torchaudio?: string
  /** The variant that PyPI serves. */
  readonly standard: string
  /** All CUDA variants of the release, oldest first; `cpu` exists besides. */
  readonly variants: readonly string[]
}

/**
 * Releases of PyTorch, oldest first.
 *
 * Pairs and the standard variant: requirements of the wheels on PyPI (`Requires-Dist`). Other variants: the history of
 * `tools/scripts/generate_binary_build_matrix.py` in pytorch/test-infra. Read 2026-11. From 2.12 on torchaudio is no
 * longer part of the install line (pytorch/test-infra, 2026-04-16); of 2.15 only PyPI's own variant is known.
 */
export const RELEASES: readonly Release[] = [
  release('2.0.0', '0.15.1', '2.0.1', 'cu117', ['cu117', 'cu118']),
  release('2.0.1', '0.15.2', '2.0.2', 'cu117', ['cu117', 'cu118']),
  release('2.1.0', '0.16.0', '2.1.0', 'cu121', ['cu118', 'cu121']),
  release('2.1.1', '0.16.1', '2.1.1', 'cu121', ['cu118', 'cu121']),
  release('2.1.2', '0.16.2', '2.1.2', 'cu121', ['cu118', 'cu121']),
  release('2.2.0', '0.17.0', '2.2.0', 'cu121', ['cu118', 'cu121']),
  release('2.2.1', '0.17.1', '2.2.1', 'cu121', ['cu118', 'cu121']),
  release('2.2.2', '0.17.2', '2.2.2', 'cu121', ['cu118', 'cu121']),
  release('2.3.0', '0.18.0', '2.3.0', 'cu121', ['cu118', 'cu121']),
  release('2.3.1', '0.18.1', '2.3.1', 'cu121', ['cu118', 'cu121']),
  release('2.4.0', '0.19.0', '2.4.0', 'cu121', ['cu118', 'cu121', 'cu124']),
  release('2.4.1', '0.19.1', '2.4.1', 'cu121', ['cu118', 'cu121', 'cu124']),
  release('2.5.0', '0.20.0', '2.5.0', 'cu124', ['cu118', 'cu121', 'cu124']),
  release('2.5.1', '0.20.1', '2.5.1', 'cu124', ['cu118', 'cu121', 'cu124']),
  release('2.6.0', '0.21.0', '2.6.0', 'cu124', ['cu118', 'cu124', 'cu126']),
  release('2.7.0', '0.22.0', '2.7.0', 'cu126', ['cu118', 'cu126', 'cu128']),
  release('2.7.1', '0.22.1', '2.7.1', 'cu126', ['cu118', 'cu126', 'cu128']),
  release('2.8.0', '0.23.0', '2.8.0', 'cu128', ['cu126', 'cu128', 'cu129']),
  release('2.9.0', '0.24.0', '2.9.0', 'cu128', ['cu126', 'cu128', 'cu130']),
  release('2.9.1', '0.24.1', '2.9.1', 'cu128', ['cu126', 'cu128', 'cu130']),
  release('2.10.0', '0.25.0', '2.10.0', 'cu128', ['cu126', 'cu128', 'cu130']),
  release('2.11.0', '0.26.0', '2.11.0', 'cu130', ['cu126', 'cu128', 'cu130']),
  release('2.12.0', '0.27.0', undefined, 'cu130', ['cu126', 'cu130', 'cu132']),
  release('2.12.1', '0.27.1', undefined, 'cu130', ['cu126', 'cu130', 'cu132']),
  release('2.13.0', '0.28.0', undefined, 'cu130', ['cu126', 'cu130', 'cu132']),
  release('2.14.0', '0.29.0', undefined, 'cu130', ['cu126', 'cu130', 'cu132']),
  release('2.14.1', '0.29.1', undefined, 'cu130', ['cu126', 'cu130', 'cu132']),
  release('2.15.0', '0.29.2', undefined, 'cu132', ['cu132'])
]

/** The newest release that a request names: `2.8.0`, `2.8` or `latest`. */
export function releaseOf(request: string): Release | undefined {
  if (request === 'latest') return RELEASES.at(-1)
  return RELEASES.findLast(({torch}) => torch === request || torch.startsWith(`${request}.`))
}

/** A CUDA request in the form of a variant: `12.8`, `128` and `cu128` are `cu128`; `cpu` stays. */
export function variantName(request: string): string {
  const digits = request.replace(/^cu(?=\d)/, '').replace('.', '')
  return /^\d{3}$/.test(digits) ? `cu${digits}` : request
}

function release(
  torch: string,
  torchvision: string,
  torchaudio: string | undefined,
  standard: string,
  variants: readonly string[]
): Release {
  return {torch, torchvision, standard, variants, ...(torchaudio === undefined ? {} : {torchaudio})}
}
