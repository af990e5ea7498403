// Our own icons, as one sprite that is mounted once.
export type IconName = 
  | 'mark' | 'search' | 'inbox' | 'person' | 'people' | 'gauge' | 'list' | 'board' | 'tree'
  | 'building' | 'clock' | 'fields' | 'hook' | 'down' | 'right' | 'left' | 'up' | 'x'
  | 'plus' | 'check' | 'filter' | 'chat' | 'clip' | 'link' | 'smile' | 'more' | 'expand'
  | 'eye' | 'file' | 'lock' | 'no' | 'tagi' | 'cal' | 'bell' | 'sort' | 'arrow';

export function Icon({ name, className = 'i' }: { name: IconName; className?: string }) {
  return <svg className={className} aria-hidden="true"><use href={`#${name}`} /></svg>;
}

export function Sprite() {
  return (
    <svg width="0" height="0" className="sprite" aria-hidden="true">
      <symbol id="mark" viewBox="0 0 20 20"><path fill="currentColor" d="M1.2 5.6h17.6v1.1c0 2.2-1.7 3.6-4 3.9l-1.6.2c-.7.9-.9 1.9-.3 3.1h2.3c.6 0 1 .4 1 1v1.5H3.9v-1.5c0-.6.4-1 1-1h2.2c.6-1.2.4-2.2-.3-3.1C4 10.5 1.7 9 1.2 5.6Z"/></symbol>
      <symbol id="search" viewBox="0 0 16 16"><circle cx="7" cy="7" r="4.3"/><path d="m10.3 10.3 3.2 3.2"/></symbol>
      <symbol id="inbox" viewBox="0 0 16 16"><path d="M2.5 9.5v3a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1v-3"/><path d="m2.5 9.5 1.8-6h7.4l1.8 6h-3.3c-.3 1.3-1.2 2-2.2 2s-1.9-.7-2.2-2Z"/></symbol>
      <symbol id="person" viewBox="0 0 16 16"><circle cx="8" cy="5.5" r="2.6"/><path d="M3.2 13.3c.6-2.5 2.4-3.8 4.8-3.8s4.2 1.3 4.8 3.8"/></symbol>
      <symbol id="people" viewBox="0 0 16 16"><circle cx="6" cy="5.8" r="2.3"/><path d="M1.8 13c.5-2.3 2.1-3.4 4.2-3.4s3.7 1.1 4.2 3.4M10.3 3.7a2.3 2.3 0 0 1 0 4.2M12 9.9c1.2.5 1.9 1.5 2.2 3.1"/></symbol>
      <symbol id="gauge" viewBox="0 0 16 16"><path d="M2.5 12.5a6.3 6.3 0 1 1 11 0"/><path d="m8 9.5 2.7-3.2"/></symbol>
      <symbol id="list" viewBox="0 0 16 16"><path d="M2.5 4h11M2.5 8h11M2.5 12h7"/></symbol>
      <symbol id="board" viewBox="0 0 16 16"><path d="M3 3v10M8 3v6.5M13 3v8"/></symbol>
      <symbol id="tree" viewBox="0 0 16 16"><path d="M3 2.5v8.8h3.5M3 6.2h3.5"/><path d="M8.5 6.2h5M8.5 11.3h5M5 2.5h6"/></symbol>
      <symbol id="building" viewBox="0 0 16 16"><path d="M3 13.5v-10l5-1.5v11.5M8 6h5v7.5M2 13.5h12M5.3 6h.4M5.3 9h.4M10.3 8.5h.4M10.3 11h.4"/></symbol>
      <symbol id="clock" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.8"/><path d="M8 4.8V8l2.2 1.4"/></symbol>
      <symbol id="fields" viewBox="0 0 16 16"><path d="M2.5 4.5h4M9 4.5h4.5M2.5 11.5H7M9.5 11.5h4"/><circle cx="7.8" cy="4.5" r="1.3"/><circle cx="8.3" cy="11.5" r="1.3"/></symbol>
      <symbol id="hook" viewBox="0 0 16 16"><path d="M10 2.5v7.3a3.2 3.2 0 1 1-6.4 0V8.3l2.2 1.9"/></symbol>
      <symbol id="down" viewBox="0 0 16 16"><path d="m4.5 6.3 3.5 3.5 3.5-3.5"/></symbol>
      <symbol id="right" viewBox="0 0 16 16"><path d="m6.3 4.5 3.5 3.5-3.5 3.5"/></symbol>
      <symbol id="left" viewBox="0 0 16 16"><path d="M9.7 4.5 6.2 8l3.5 3.5"/></symbol>
      <symbol id="up" viewBox="0 0 16 16"><path d="M4.5 9.7 8 6.2l3.5 3.5"/></symbol>
      <symbol id="x" viewBox="0 0 16 16"><path d="m4 4 8 8M12 4l-8 8"/></symbol>
      <symbol id="plus" viewBox="0 0 16 16"><path d="M8 3v10M3 8h10"/></symbol>
      <symbol id="check" viewBox="0 0 16 16"><path d="m3.5 8.5 3 3 6-7"/></symbol>
      <symbol id="filter" viewBox="0 0 16 16"><path d="M2.5 4.5h11M4.5 8h7M6.5 11.5h3"/></symbol>
      <symbol id="chat" viewBox="0 0 16 16"><path d="M2.5 3.5h11v7.5H8L4.8 13.3V11H2.5Z"/></symbol>
      <symbol id="clip" viewBox="0 0 16 16"><path d="M12.8 7.3 8 12a3 3 0 0 1-4.3-4.2l5-5a2 2 0 0 1 2.9 2.9L6.7 10.5a1 1 0 0 1-1.4-1.4l4.4-4.3"/></symbol>
      <symbol id="link" viewBox="0 0 16 16"><path d="M6.8 9.2a2.6 2.6 0 0 0 3.8.2l2-2a2.6 2.6 0 0 0-3.7-3.7L8 4.6M9.2 6.8a2.6 2.6 0 0 0-3.8-.2l-2 2a2.6 2.6 0 0 0 3.7 3.7l.9-.9"/></symbol>
      <symbol id="smile" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.8"/><path d="M5.5 9.5c1.3 1.7 3.7 1.7 5 0M6 6.3v.2M10 6.3v.2"/></symbol>
      <symbol id="more" viewBox="0 0 16 16"><path d="M3.5 8h.01M8 8h.01M12.5 8h.01" strokeWidth="2"/></symbol>
      <symbol id="expand" viewBox="0 0 16 16"><path d="M9.5 3h3.5v3.5M6.5 13H3V9.5M13 3 9 7M3 13l4-4"/></symbol>
      <symbol id="eye" viewBox="0 0 16 16"><path d="M1.8 8C3.2 5.3 5.4 4 8 4s4.8 1.3 6.2 4c-1.4 2.7-3.6 4-6.2 4S3.2 10.7 1.8 8Z"/><circle cx="8" cy="8" r="1.8"/></symbol>
      <symbol id="file" viewBox="0 0 16 16"><path d="M4 2.5h5l3 3v8H4Z"/><path d="M9 2.5v3h3"/></symbol>
      <symbol id="lock" viewBox="0 0 16 16"><path d="M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5"/></symbol>
      <symbol id="no" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.5"/><path d="m4.2 4.2 7.6 7.6"/></symbol>
      <symbol id="tagi" viewBox="0 0 16 16"><path d="M2.5 2.5h5.3l5.7 5.7-5.3 5.3-5.7-5.7Z"/><path d="M5.3 5.3h.01" strokeWidth="2"/></symbol>
      <symbol id="cal" viewBox="0 0 16 16"><path d="M2.5 3.8h11v9.7h-11zM2.5 6.8h11M5.3 2.3v2.5M10.7 2.3v2.5"/></symbol>
      <symbol id="bell" viewBox="0 0 16 16"><path d="M4 11V7a4 4 0 0 1 8 0v4l1 1.5H3ZM6.8 14.2h2.4"/></symbol>
      <symbol id="sort" viewBox="0 0 16 16"><path d="M5 3v10M2.5 10.5 5 13l2.5-2.5M11 13V3M8.5 5.5 11 3l2.5 2.5"/></symbol>
      <symbol id="arrow" viewBox="0 0 16 16"><path d="M2.5 8h10.5M9 4l4 4-4 4"/></symbol>
    </svg>
  );
}
