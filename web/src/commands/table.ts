// Everything that can be done: what it is called, its key, and where it counts. The palette, the key
// sheet and the hints at the foot are read from here; views say what a command does at the moment.
import type { IconName } from '../ui/Icon';

export type Place = 'anywhere' | 'list' | 'board' | 'works' | 'tree' | 'matrix' | 'detail' | 'inbox' | 'hooks' | 'start' | 'writing';

export interface Command {
  id: string;
  label: string;
  place: Place;
  /** Each is one way to give it; `Mod` is Ctrl, or the command key of a Mac. A space separates keys. */
  keys: readonly string[];
  icon?: IconName;
  /** Whether it is left out of the palette, since it is about a place in a list. */
  isMove?: boolean;
}

const c = (place: Place, id: string, label: string, keys: string, icon?: IconName): Command => ({
  id, label, place, keys: keys.split('|').filter(Boolean), ...(icon ? { icon } : {}),
});
const move = (place: Place, id: string, label: string, keys: string): Command => ({ ...c(place, id, label, keys), isMove: true });

export const COMMANDS: readonly Command[] = [
  c('anywhere', 'palette', 'Find or do', 'Mod+k', 'search'),
  c('anywhere', 'search', 'Search works', '/', 'search'),
  c('anywhere', 'work.new', 'New work', 'c', 'plus'),
  c('anywhere', 'go.inbox', 'Go to the inbox', 'g i', 'inbox'),
  c('anywhere', 'go.mine', 'Go to my work', 'g m', 'person'),
  c('anywhere', 'go.dashboard', 'Go to the dashboard', 'g d', 'gauge'),
  c('anywhere', 'go.list', 'Go to open work', 'g l', 'list'),
  c('anywhere', 'go.board', 'Go to the board', 'g b', 'board'),
  c('anywhere', 'go.sprint', 'Go to the sprint', 'g s', 'board'),
  c('anywhere', 'go.parts', 'Go to parts', 'g p', 'tree'),
  c('anywhere', 'go.customers', 'Go to customers', 'g a', 'building'),
  c('anywhere', 'go.slas', 'Go to SLAs and hours', '', 'clock'),
  c('anywhere', 'go.schema', 'Go to fields and stages', '', 'fields'),
  c('anywhere', 'go.webhooks', 'Go to webhooks', '', 'hook'),
  c('anywhere', 'go.people', 'Go to people and tokens', '', 'people'),
  c('anywhere', 'go.start', 'Import from GitHub', '', 'file'),
  c('anywhere', 'keys', 'All keys', '?', 'fields'),
  c('anywhere', 'rail', 'Show or hide the rail', '[', 'list'),
  c('anywhere', 'panel', 'Show or hide the panel', ']', 'expand'),
  c('anywhere', 'undo', 'Undo the last change', 'Mod+z', 'left'),
  c('anywhere', 'theme', 'Switch between light and dark', '', 'eye'),
  c('anywhere', 'density', 'Rows closer or wider', '', 'list'),
  c('anywhere', 'signout', 'Sign out', '', 'right'),
  move('anywhere', 'back', 'Back', 'Escape'),

  move('list', 'next', 'Next', 'j|ArrowDown'),
  move('list', 'previous', 'Previous', 'k|ArrowUp'),
  move('list', 'extend.next', 'Select to the next', 'Shift+J|Shift+ArrowDown'),
  move('list', 'extend.previous', 'Select to the previous', 'Shift+K|Shift+ArrowUp'),
  move('list', 'select', 'Select', 'x'),
  move('list', 'select.all', 'Select all that are shown', 'Mod+a'),
  move('list', 'first', 'First', 'Home'),
  move('list', 'last', 'Last', 'End'),
  move('list', 'page.down', 'A page down', 'PageDown'),
  move('list', 'page.up', 'A page up', 'PageUp'),
  move('list', 'open', 'Open beside the list', 'Enter'),
  move('list', 'open.full', 'Open on a page', 'o'),
  move('list', 'peek', 'Look at it, and away again', 'Space'),
  c('list', 'filter', 'Filter', 'f', 'filter'),
  c('list', 'filter.clear', 'Take the last filter away', 'Shift+F', 'x'),
  c('list', 'layout', 'Switch between list and board', 'v', 'board'),
  c('list', 'fresh', 'Show what is new', '.', 'down'),
  c('list', 'fold', 'Fold the group', 'z', 'right'),
  c('list', 'view.save', 'Save this view', '', 'plus'),
  c('list', 'view.delete', 'Delete this saved view', '', 'x'),

  move('board', 'board.left', 'Column to the left', 'h|ArrowLeft'),
  move('board', 'board.right', 'Column to the right', 'l|ArrowRight'),
  move('board', 'move.left', 'Move to the next column on the left that allows it', 'Shift+H'),
  move('board', 'move.right', 'Move to the next column on the right that allows it', 'Shift+L'),
  move('board', 'lift', 'Lift the card', 'Space'),

  // What a view has of its own comes before what works have everywhere.
  move('tree', 'tree.fold', 'Fold, or go to what it belongs to', 'h|ArrowLeft'),
  move('tree', 'tree.unfold', 'Unfold, or go to the first below', 'l|ArrowRight'),
  c('tree', 'part.new', 'New part in this one', 'n', 'plus'),
  c('tree', 'part.move', 'Move the part', 'm', 'tree'),

  move('matrix', 'matrix.left', 'To the left', 'h|ArrowLeft'),
  move('matrix', 'matrix.right', 'To the right', 'l|ArrowRight'),
  move('matrix', 'matrix.toggle', 'Set or clear', 'Space'),

  c('inbox', 'inbox.done', 'Done', 'e', 'check'),
  c('inbox', 'inbox.later', 'Later', 'h', 'clock'),
  c('inbox', 'inbox.unread', 'Read, or unread again', 'u', 'inbox'),
  c('inbox', 'inbox.done.all', 'Done with all that is here', 'Shift+E', 'check'),

  c('hooks', 'hook.new', 'New webhook', 'n', 'plus'),
  c('hooks', 'hook.edit', 'Edit the webhook', 'e', 'fields'),
  c('hooks', 'hook.again', 'Send again', 'r', 'right'),
  c('hooks', 'hook.range', 'Send a range again', 'Shift+R', 'right'),
  c('hooks', 'hook.pause', 'Pause, or go on', 'u', 'clock'),
  c('hooks', 'hook.verify', 'Verify again', '', 'check'),
  c('hooks', 'hook.secret', 'New secret', '', 'lock'),
  c('hooks', 'hook.delete', 'Delete the webhook', '', 'x'),

  c('start', 'start.sample', 'Fill it with the sample org', '1', 'board'),
  c('start', 'start.import', 'Import from GitHub', '2', 'file'),
  c('start', 'start.first', 'Write the first issue', '3', 'plus'),

  c('works', 'work.stage', 'Change stage', 's', 'board'),
  c('works', 'work.owner', 'Assign', 'a', 'person'),
  c('works', 'work.mine', 'Assign to me', 'i', 'person'),
  c('works', 'work.urgency', 'Change urgency', 'p', 'sort'),
  c('works', 'work.due', 'Change due date', 'd', 'cal'),
  c('works', 'work.tags', 'Change tags', 't', 'tagi'),
  c('works', 'work.part', 'Change part', 'm', 'tree'),
  c('works', 'work.sprint', 'Change sprint', 'Shift+S', 'board'),
  c('works', 'work.link', 'Link to another work', 'Shift+I', 'link'),
  c('works', 'work.follow', 'Follow, or no longer', 'w', 'bell'),
  c('works', 'work.copy', 'Copy link', 'y', 'link'),
  c('works', 'work.delete', 'Delete', '#', 'x'),

  c('detail', 'edit.body', 'Edit the text', 'e', 'file'),
  c('detail', 'edit.title', 'Edit the title', 'Shift+E', 'file'),
  c('detail', 'reply', 'Reply', 'r', 'chat'),
  c('detail', 'note', 'Write an internal note', 'Shift+R', 'lock'),
  move('detail', 'entry.next', 'Next entry', 'Alt+ArrowDown'),
  move('detail', 'entry.previous', 'Previous entry', 'Alt+ArrowUp'),
  move('detail', 'react', 'Thumbs up for the entry', '+'),

  // Fields do these themselves.
  move('writing', 'write.person', 'Name a person or a group', '@'),
  move('writing', 'write.work', 'Name a work or a part', '#'),
  move('writing', 'write.strong', 'Bold', 'Mod+b'),
  move('writing', 'write.em', 'Italic', 'Mod+i'),
  move('writing', 'write.code', 'Code', 'Mod+e'),
  move('writing', 'write.link', 'Link', 'Mod+k'),
  move('writing', 'write.numbers', 'Numbered list', 'Mod+Shift+7'),
  move('writing', 'write.list', 'List', 'Mod+Shift+8'),
  move('writing', 'write.quote', 'Quote', 'Mod+Shift+9'),
  move('writing', 'write.preview', 'Preview, or write on', 'Mod+Shift+P'),
  move('writing', 'write.send', 'Save or send', 'Mod+Enter'),
];

export const PLACES: Record<Place, string> = {
  anywhere: 'Anywhere',
  list: 'List',
  board: 'Board',
  works: 'One or many works',
  tree: 'Parts',
  matrix: 'Stages and hours',
  detail: 'Detail',
  inbox: 'Inbox',
  hooks: 'Webhooks',
  start: 'A new org',
  writing: 'Where you write',
};

export function command(id: string): Command {
  const found = COMMANDS.find((each) => each.id === id);
  if (!found) throw new Error(`there is no command ${id}`);
  return found;
}
