// Evaluates expressions as the browser's editors do. Reads a JSON list of {text, data, input?} from standard
// input and writes a JSON list of values; an error becomes {"error": name}.
import { readFileSync } from 'node:fs';
import { evaluate, unaryTest } from '@bpmn-io/feelin';

function plain(value) {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'function') return { kind: 'function' };
  if (typeof value.toISO === 'function') return { kind: value.constructor.name, text: value.toISO() };
  if (typeof value !== 'object') return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return { kind: value.constructor.name };
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}

function answer({ text, data, input }) {
  try {
    const result = input === undefined ? evaluate(text, data) : unaryTest(text, { ...data, '?': input });
    return plain(result.value);
  } catch (error) {
    return { error: error.constructor.name };
  }
}

const questions = JSON.parse(readFileSync(0, 'utf-8'));
process.stdout.write(JSON.stringify(questions.map(answer)));
