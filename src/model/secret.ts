/** Where a secret can be fetched: its name, never its value. Facts and plans hold only these. */
export interface SecretRef {
  readonly secret: string
}

const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/**
 * A secret value that shows its name wherever it is printed.
 *
 * Template strings, `JSON.stringify` and `util.inspect` all give `[secret <name>]`; only `reveal()` gives the value,
 * so that a search for `reveal(` lists every place where a secret leaves our hands.
 */
export class Secret {
  readonly name: string
  readonly #value: string

  constructor(name: string, value: string) {
    this.name = name
    this.#value = value
  }

  /** The value itself. Give it to a file of mode 0600, an environment variable or standard input; to nothing else. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return `[secret ${this.name}]`
  }

  toJSON(): string {
    return this.toString()
  }

  [INSPECT](): string {
    return this.toString()
  }
}
