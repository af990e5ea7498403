// The code of a receiver, to copy.
import { useState } from 'react';
import { toast } from '../../ui/toast';
import { LANGUAGES, receiver, type Language } from '../../works/webhooks';

export function Code() {
  const [language, speak] = useState<Language>('Node.js');
  return (
    <div className="code">
      <header>
        <div className="seg keep" role="group" aria-label="Language">
          {LANGUAGES.map((each) => <button key={each} type="button" aria-pressed={each === language} onClick={() => speak(each)}>{each}</button>)}
        </div>
        <button type="button" className="btn" onClick={() => void copy(receiver(language))}>Copy</button>
      </header>
      <pre tabIndex={0} aria-label={`A receiver in ${language}`}><code>{receiver(language)}</code></pre>
    </div>
  );
}

/** Plain HTTP from another machine has no clipboard; there a text can be selected. */
export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast('Copied.');
  } catch {
    toast('This browser does not let pages copy here; select the text instead.');
  }
}
