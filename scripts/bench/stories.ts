import {NO_OP_STORY} from './no-op-story.ts'
import {ONE_CORE_STORY, OUR_STORY, PATCH_STORY} from './our-stories.ts'
import {PLATFORMS_STORY, USUAL_PLATFORM_STORY} from './platforms-story.ts'
import type {Story} from './story.ts'
import {USUAL_STORY} from './usual-story.ts'

/** All stories, one after the other: the layers of two at once would take twice the disk. */
export const STORIES: readonly Story[] = [
  NO_OP_STORY,
  USUAL_STORY,
  OUR_STORY,
  PATCH_STORY,
  ONE_CORE_STORY,
  USUAL_PLATFORM_STORY,
  PLATFORMS_STORY
]
