import {getCACertificates, setDefaultCACertificates} from 'node:tls'

let isDone = false

/**
 * Makes this process trust what the machine trusts.
 *
 * Companies whose HTTPS passes a certificate authority of their own install it in the system; Node looks only at its
 * own list. Reading both takes a moment, so everybody who is about to speak HTTPS calls this, and the first call does it.
 */
export function trustSystemCertificates(): void {
  if (isDone) return
  isDone = true
  setDefaultCACertificates([...new Set([...getCACertificates('default'), ...getCACertificates('system')])])
}
