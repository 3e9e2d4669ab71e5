import { useEffect, useState } from 'react';

export default function Photos({ urls }) {
  const [index, setIndex] = useState(0);
  useEffect(() => {
    document.documentElement.dataset.hydrated = '';
  }, []);
  return (
    <div>
      <img src={urls[index]} alt="island" />
      <button type="button" onClick={() => setIndex(1 - index)}>
        Other
      </button>
    </div>
  );
}
