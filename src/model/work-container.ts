/** What running an image by this machine's engine takes. */
export interface ContainerWork {
  readonly docker: string
  readonly endpoint?: string
  /** `DOCKER_CONFIG` of the pull: the door's password and nothing else. */
  readonly directory: string
  /** The folder of the validator. */
  readonly validator: string
  readonly container: string
  /** `amd64`, `arm64`: which image of an index. */
  readonly platform: string
  /** Where the engine stores. */
  readonly disk: string
}
