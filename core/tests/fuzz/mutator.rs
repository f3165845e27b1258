//! Inputs made from others, the same ones for the same seed.

/// A source of mutated inputs.
pub(crate) struct Mutator {
    state: u64,
    corpus: Vec<Vec<u8>>,
}

impl Mutator {
    pub(crate) fn new(seed: u64, corpus: Vec<Vec<u8>>) -> Self {
        Self { state: seed | 1, corpus }
    }

    /// An input of the corpus with a few changes.
    pub(crate) fn next_input(&mut self) -> Vec<u8> {
        let nth = self.below(self.corpus.len());
        let mut input = self.corpus[nth].clone();
        for _ in 0..=self.below(4) {
            self.change(&mut input);
        }
        input.truncate(LONGEST);
        input
    }

    /// Lets what was made be changed further.
    pub(crate) fn keep(&mut self, input: Vec<u8>) {
        if self.corpus.len() < MOST_KEPT {
            self.corpus.push(input);
        } else {
            let nth = self.below(self.corpus.len());
            self.corpus[nth] = input;
        }
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len() + 1);
        let end = (at + self.below(16)).min(input.len());
        match self.below(8) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 if at < input.len() => input[at] = self.below(256) as u8,
            2 => drop(input.drain(at..end)),
            3 => {
                let piece = input[at..end].to_vec();
                let times = 1 + self.below(64);
                input.splice(at..at, piece.repeat(times));
            }
            4 => {
                let token = TOKENS[self.below(TOKENS.len())];
                input.splice(at..end, token.iter().copied());
            }
            5 => {
                let other = &self.corpus[self.state as usize % self.corpus.len()];
                let from = self.state as usize / 7 % (other.len() + 1);
                let to = (from + 1 + self.state as usize / 11 % 64).min(other.len());
                let piece = other[from.min(to)..to].to_vec();
                input.splice(at..end, piece);
            }
            6 => input.truncate(at),
            _ => {
                let token = TOKENS[self.below(TOKENS.len())];
                input.splice(at..at, token.iter().copied());
            }
        }
    }

    /// A number below this one (xorshift64).
    fn below(&mut self, end: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state % end.max(1) as u64) as usize
    }
}

/// What parsers stumble over.
const TOKENS: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b"\\u",
    b"\\ud800",
    b":",
    b",",
    b"=",
    b";",
    b" ",
    b"\n",
    b"\n\n",
    b"\r\n",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xc3\xa9",
    b"v1,",
    b"v1=",
    b"t=",
    b"sha256=",
    b"%3D",
    b"%",
    b"+",
    b"null",
    b"true",
    b"-",
    b"0",
    b"1e999",
    b"1.0",
    b"9999999999999999",
    b"99999999999999999999",
    b"-1",
    b"{body}",
    b"{timestamp}",
    b"{json:",
    b"{{",
    b"webhook-id: ",
    b"webhook-timestamp: 1614265330\n",
    b"webhook-signature: ",
    b"content-length: 7\n",
    b"content-encoding: gzip\n",
    b"\x1f\x8b\x08",
    b"[signature]\n",
    b"[[event]]\n",
    b"'''",
    b"payload=",
    b"x-hub-signature-256: sha256=",
    b"x_hub_signature_256:",
    b"stripe-signature: t=1614265330,v1=",
];
const LONGEST: usize = 16 * 1024;
const MOST_KEPT: usize = 512;
