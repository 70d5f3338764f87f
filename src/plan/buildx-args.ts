import type {Facts} from '../model/facts.ts'
import {trustOf} from './permit.ts'

/**
 * The user's own arguments for `docker buildx build`. Code without trust chooses none: they could widen what it reaches.
 */
export function buildxArgsOf(facts: Facts): readonly string[] {
  return trustOf(facts) === 'none' ? [] : facts.inputs.buildxArgs
}
