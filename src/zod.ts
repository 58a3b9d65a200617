/** The parts of zod that are used. Only these are bundled: the rest would be compiled at every start. */
export {
  array,
  gte,
  int,
  literal,
  looseObject,
  maxLength,
  minLength,
  nullable,
  object,
  optional,
  regex,
  strictObject,
  string,
  tuple,
  union,
  unknown,
} from 'zod/mini';
export type { core, input, output, ZodMiniType } from 'zod/mini';
