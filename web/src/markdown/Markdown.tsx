// Markdown as elements. No text becomes markup: raw HTML is shown as the text that it is, and links
// lead only to where links may lead.
import { Lexer, type Token, type Tokens } from 'marked';
import { Fragment, memo, type ReactNode } from 'react';
import { Link } from 'wouter';
import { useUsers } from '../store/asked';
import { useNamed } from '../store/references';
import { signedIn } from '../store/session';
import { NAMED, objectPath, refOf, type Ref } from '../works/references';
import { nameOf } from '../works/work';

/** Longer texts are shown as they are written. */
const LENGTH_MAX = 200_000;
const SAFE = /^(https?:|mailto:)/i;
const OWN = new RegExp(NAMED, 'g');

export const Markdown = memo(function Markdown({ text }: { text: string }) {
  if (text.length > LENGTH_MAX) return <pre className="md plain" dir="auto">{text}</pre>;
  return <div className="md" dir="auto">{blocks(new Lexer({ gfm: true, breaks: true }).lex(text))}</div>;
});

function blocks(tokens: Token[]): ReactNode {
  return tokens.map((token, at) => <Fragment key={at}>{block(token)}</Fragment>);
}

function block(token: Token): ReactNode {
  switch (token.type) {
    case 'heading': {
      // The page has its own headings above these.
      const Level = `h${Math.min(6, (token as Tokens.Heading).depth + 2)}` as 'h3';
      return <Level dir="auto">{inline((token as Tokens.Heading).tokens)}</Level>;
    }
    case 'paragraph': return <p dir="auto">{inline((token as Tokens.Paragraph).tokens)}</p>;
    case 'text': {
      const { tokens, text } = token as Tokens.Text;
      return tokens ? inline(tokens) : own(text);
    }
    case 'code': return <pre tabIndex={0}><code>{(token as Tokens.Code).text}</code></pre>;
    case 'blockquote': return <blockquote>{blocks((token as Tokens.Blockquote).tokens)}</blockquote>;
    case 'list': return list(token as Tokens.List);
    case 'table': return table(token as Tokens.Table);
    case 'hr': return <hr />;
    case 'html': return <p dir="auto">{(token as Tokens.HTML).raw}</p>;
    case 'space': case 'def': return null;
    default: return token.raw;
  }
}

function list({ ordered, start, items }: Tokens.List): ReactNode {
  const rows = items.map((item, at) => (
    <li key={at} className={item.task ? 'task' : undefined} dir="auto">
      {item.task && <input type="checkbox" checked={item.checked ?? false} disabled aria-label={item.checked ? 'done' : 'to do'} />}
      {blocks(item.tokens.filter((token) => token.type !== 'checkbox'))}
    </li>
  ));
  return ordered ? <ol start={Number(start) || 1}>{rows}</ol> : <ul>{rows}</ul>;
}

function table({ header, rows }: Tokens.Table): ReactNode {
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label="Table">
      <table>
        <thead><tr>{header.map((cell, at) => <th key={at} scope="col">{inline(cell.tokens)}</th>)}</tr></thead>
        <tbody>{rows.map((row, y) => <tr key={y}>{row.map((cell, x) => <td key={x}>{inline(cell.tokens)}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}

function inline(tokens: Token[]): ReactNode {
  return tokens.map((token, at) => <Fragment key={at}>{span(token)}</Fragment>);
}

function span(token: Token): ReactNode {
  switch (token.type) {
    case 'strong': return <strong>{inline((token as Tokens.Strong).tokens)}</strong>;
    case 'em': return <em>{inline((token as Tokens.Em).tokens)}</em>;
    case 'del': return <del>{inline((token as Tokens.Del).tokens)}</del>;
    case 'codespan': return <code>{(token as Tokens.Codespan).text}</code>;
    case 'br': return <br />;
    case 'escape': return (token as Tokens.Escape).text;
    case 'link': {
      const { href, tokens, text } = token as Tokens.Link;
      const ref = refOf(href);
      if (ref) return <Named of={ref} written={text === href ? undefined : inline(tokens)} />;
      return SAFE.test(href) ? <a href={href} target="_blank" rel="noreferrer noopener">{inline(tokens)}</a> : inline(tokens);
    }
    // Pictures of other servers are not fetched: they would tell who reads.
    case 'image': {
      const { href, text } = token as Tokens.Image;
      return SAFE.test(href) ? <a href={href} target="_blank" rel="noreferrer noopener">{text || href}</a> : text;
    }
    case 'text': return own((token as Tokens.Text).text);
    default: return token.raw;
  }
}

/** A text in which ids are what they name. */
function own(text: string): ReactNode {
  const plain = decode(text);
  const pieces = plain.split(OWN);
  if (pieces.length === 1) return plain;
  return pieces.map((piece, at) => {
    const ref = at % 2 === 1 ? refOf(piece) : undefined;
    return ref ? <Named key={at} of={ref} written={undefined} /> : piece;
  });
}

/** What has a place here is a link; the others have the name of today, whatever was written. */
function Named({ of, written }: { of: Ref; written: ReactNode }) {
  const path = objectPath(of);
  return path ? <Link className="ref" href={path}>{written ?? of.id}</Link> : <Mention of={of} written={written} />;
}

function Mention({ of: { id }, written }: { of: Ref; written: ReactNode }) {
  const { data: users, isLoading } = useUsers();
  const colleague = users?.find((each) => each.display_id === id);
  // Who is no colleague is looked for.
  const found = useNamed(colleague || isLoading ? '' : id);
  const user = colleague ?? found.data?.user;
  if (user) return <b className={user.id === signedIn().user.id ? 'at me' : 'at'} title={user.email}><bdi>@{nameOf(user)}</bdi></b>;
  const unknown = id.startsWith('don:') ? (found.isLoading ? '…' : 'somebody') : id;
  return <b className="at" dir="auto">{found.data?.label ?? written ?? unknown}</b>;
}

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': '\'' };

/** The lexer leaves the commonest entities as they are written. */
function decode(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);
}
