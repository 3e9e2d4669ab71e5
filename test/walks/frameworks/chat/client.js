/** The page: it shows files, and the images in the Markdown of texts. */
import { DefaultChatTransport, readUIMessageStream } from 'ai';

const place = document.getElementById('messages');
const transport = new DefaultChatTransport({ api: '/messages' });
const api = location.pathname === '/plain' ? '/database' : '/messages';
const messages = await (await fetch(api)).json();
messages.forEach(show);
document.documentElement.dataset.hydrated = '';

document.getElementById('ask').onclick = async () => {
  const { url } = messages[0].parts[0]; // with its token, as the visitor sees it
  const parts = [
    { type: 'file', mediaType: 'image/png', url },
    { type: 'text', text: `What is on ![this](${url})?` },
  ];
  const question = { id: 'question', role: 'user', parts };
  messages.push(question);
  show(question);
  const stream = await transport.sendMessages({ chatId: 'a', messages, trigger: 'submit-message' });
  let answer;
  for await (const message of readUIMessageStream({ stream })) answer = message;
  show(answer);
  place.append('Answered');
};

function show({ parts }) {
  for (const part of parts)
    if (part.type === 'file') append(part.url);
    else if (part.type === 'text')
      for (const [, url] of part.text.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)) append(url);
}

function append(src) {
  place.append(Object.assign(new Image(), { src }));
}
