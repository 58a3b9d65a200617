import unit from './vitest.config.mjs';
import { suiteWithServers } from './vitest.suite.mjs';

export default suiteWithServers(unit, 'kubernetes');
