/** Requests for new URLs. By `XMLHttpRequest`: it reads a page in its own encoding, and where Trusted Types forbid a parser. */

/**
 * @param url - of a page without fragment
 * @param body - JSON for an endpoint; without it a page is asked for
 * @throws the status of an answer without URLs, 0 if it comes from elsewhere, such as a login; an event if there is none
 */
export function request(url: string, signal: AbortSignal, body?: string): Promise<XMLHttpRequest> {
  const request = new XMLHttpRequest();
  request.open(body ? 'POST' : 'GET', url);
  request.responseType = body ? 'json' : 'document';
  request.withCredentials = true;
  request.timeout = 60_000;
  if (body) request.setRequestHeader('Content-Type', 'application/json');
  else {
    request.setRequestHeader('Accept', 'text/html');
    request.setRequestHeader('Cache-Control', 'no-cache');
    request.setRequestHeader('X-Image-Signer', 'renew');
  }
  signal.onabort = () => request.abort();
  return new Promise((resolve, reject) => {
    request.onload = () => {
      const { status, response, responseURL } = request;
      // An error page of a proxy is no JSON either, and passes.
      if (body ? status === 200 && !response : responseURL !== url) reject(0);
      if (status === 200) resolve(request);
      reject(status);
    };
    // A redirection to another origin is an error like any other here, and to `fetch` it is not.
    request.onerror = () =>
      fetch(url, { redirect: 'manual', signal }).then(({ status }) => reject(status), reject);
    request.ontimeout = reject;
    request.send(body);
  });
}
