import { expect, test } from 'vitest';
import { Parser } from '../../src/api/feed';
import { Entities } from '../../src/store/entities';
import { Selection } from '../../src/store/selection';

test('a stream of events is read however it is cut', () => {
  const text = 'retry: 2000\n\nid: c1\ndata: {"a":1}\n\n: beat\nid: c2\n\ndata: {"b":\ndata: 2}\nid: c3\n\n';
  const wanted = [{ id: 'c1', data: '{"a":1}' }, { id: 'c2', data: '' }, { id: 'c3', data: '{"b":\n2}' }];
  for (let cut = 0; cut <= text.length; cut++) {
    const parser = new Parser();
    expect([...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))]).toEqual(wanted);
  }
});

test('an older state of an object is not taken', () => {
  const things = new Entities<{ id: string; title: string; display_id?: string }>();
  things.put({ id: 'a', title: 'new', display_id: 'A-1' }, 3);
  things.put({ id: 'a', title: 'old', display_id: 'A-1' }, 2);
  expect(things.get('a')?.title).toBe('new');
  expect(things.idOf('A-1')).toBe('a');
});

test('only those who show an object are told of it', () => {
  const things = new Entities<{ id: string; title: string }>();
  const told: string[] = [];
  things.subscribe('a', () => told.push('a'));
  const stop = things.subscribe('b', () => told.push('b'));
  things.put({ id: 'a', title: 'x' }, 1);
  things.put({ id: 'b', title: 'x' }, 1);
  stop();
  things.put({ id: 'b', title: 'y' }, 2);
  expect(told).toEqual(['a', 'b']);
});

test('commands are about what is selected, else about the cursor', () => {
  const selection = new Selection();
  expect(selection.targets).toEqual([]);
  selection.move('a');
  expect(selection.targets).toEqual(['a']);
  selection.set(['b', 'c']);
  selection.toggle('b');
  expect(selection.targets).toEqual(['c']);
});
