// Titles and comments in any script: nothing is cut off above or below, lines break where they may, ids stay as they are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIZES, another, at, keys, picture, server, settled, sound, stage, until } from './harness.mjs';

const TITLES = {
  japanese: '潮位計の基準値がファームウェア更新後に〇・三メートルずれる問題について、原因と対策を港湾局に報告する',
  chinese: '固件更新後波高讀數偏高零點三米，需要重新校準所有浮標並通知港口管理局與領航員協會',
  korean: '펌웨어 업데이트 후 부이 4의 파고 측정값이 지나치게 높게 표시됩니다',
  arabic: 'مقياس الموج يعرض القيمة مرتين بعد تحديث البرنامج الثابت في جميع العوامات القريبة من الميناء',
  hebrew: 'המצוף ליד הנמל מציג ערכים גבוהים מדי אחרי עדכון הקושחה TW-0412',
  thai: 'ค่าความสูงของคลื่นที่ทุ่นหมายเลขสี่สูงเกินไปหลังจากอัปเดตเฟิร์มแวร์',
  emoji: '🌊🚢 Buoy 4 👩🏽‍🔬👨‍👩‍👧‍👦 reads 🔺 high after 🇯🇵 update ⚓️ 1️⃣',
  mixed: 'Buoy 4 表示が مرتفع جدا 🌊 after v4.2 アップデート',
  stacked: 'Ẫ Ỗ Ǖ Z̷̛̤͒a̶̢͝l̵̡̛g̸̢̀o̷̢͠ ÅÄÖ glyphs',
};
const COMMENT = Object.values(TITLES).map((title) => `${title}。${title}`).join('\n\n');
const ids = {};

stage(async (call) => {
  const { dev_user: me } = await call('dev-users.self', {});
  const other = await another();
  await call('tags.create', { name: '緊急 🚨', allowed_values: [] });
  const { account } = await call('accounts.create', { display_name: '株式会社潮汐観測 🌊', owned_by: [me.id], tier: '金' });
  const { part } = await call('parts.create', { type: 'capability', name: '波高センサー', owned_by: [me.id], parent_part: ['PROD-1'] });
  const { tag } = { tag: (await call('tags.list', { name: ['緊急 🚨'] })).tags[0] };
  let nth = 0;
  for (const [name, title] of Object.entries(TITLES)) {
    const isTicket = (nth += 1) % 3 === 0;
    const { work } = await other.call('works.create', {
      type: isTicket ? 'ticket' : 'issue', title, body: `## ${title}\n\n${title}\n\n- ${title}\n\n\`${title}\`\n\n> ${title}`, applies_to_part: part.id, owned_by: [me.id], tags: [{ id: tag.id }],
      ...(isTicket ? { severity: 'high', account: account.id } : { priority: 'p1' }),
    });
    ids[name] = work.display_id;
    await other.call('timeline-entries.create', { type: 'timeline_comment', object: work.id, body: `<${me.id}> ${COMMENT}`, visibility: 'internal' });
  }
  await until('all is told', async () => (await call('notifications.count', { states: ['unread'] })).count >= 9);
});

/** Texts that are higher than the box that shows them. */
const cut = (opened, selector) => opened.locator(selector).evaluateAll((all) => all.filter((element) => element.textContent.trim() !== '' && !element.matches('.sr')).flatMap((element) => {
  const range = document.createRange();
  range.selectNodeContents(element);
  const [box, words] = [element.getBoundingClientRect(), range.getBoundingClientRect()];
  const isHidden = getComputedStyle(element).overflowY !== 'visible';
  const isClamped = getComputedStyle(element).webkitLineClamp !== 'none';
  return isHidden && !isClamped && (words.top < box.top - 1 || words.bottom > box.bottom + 1) ? [`${element.className}: ${element.textContent.slice(0, 30)}`] : [];
}));

const VIEWS = {
  list: ['/works?kind=issue,ticket&sort=created&group=none', '.rows .row:not(.blank)', '.row .ti, .row .part, .row .acc, .row .tag'],
  board: ['/works?kind=issue,ticket&sort=created&layout=board', '.card:not(.blank)', '.card .ct'],
  inbox: ['/inbox', '.inbox .row', '.igrid .t, .igrid .why'],
  customers: ['/customers', '.customers .row', '.cgrid span'],
};

for (const [kind, options] of [['light', {}], ['dark', { scheme: 'dark' }], ['phone', { size: SIZES.phone }]]) {
  test(`letters of any script are whole: ${kind}`, () => at('/works', options, async (opened) => {
    for (const [view, [path, selector, texts]] of Object.entries(VIEWS)) {
      await opened.goto(server.origin + path);
      await opened.waitForSelector(selector);
      await settled(opened);
      await picture(opened, `states/letters-${view}-${kind}`);
      await sound(opened, view);
      assert.deepEqual(await cut(opened, texts), [], view);
    }
    for (const name of ['japanese', 'arabic', 'emoji']) {
      await opened.goto(`${server.origin}/${ids[name]}`);
      await opened.waitForSelector('.talk .say');
      await settled(opened);
      await picture(opened, `states/letters-${name}-${kind}`);
      await sound(opened, name);
      assert.deepEqual(await cut(opened, '.ti, .md p, dd .value span'), [], name);
      assert.equal(await opened.locator('.talk .at').first().innerText(), '@Mei Tanaka');
      if (kind !== 'phone') continue;
      await opened.locator('.talk .say').first().scrollIntoViewIfNeeded();
      await picture(opened, `states/letters-${name}-talk-${kind}`);
    }
    await keys(opened, 'Control+k');
    await opened.waitForSelector('.pal input');
    await opened.keyboard.insertText('更新');
    await opened.waitForSelector('.pal .it:has-text("更新")');
    await settled(opened);
    await picture(opened, `states/letters-palette-${kind}`);
    await sound(opened, 'palette');
    assert.deepEqual(await cut(opened, '.pal .it .l'), [], 'palette');
  }));
}
