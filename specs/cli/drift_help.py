"""What `understudy drift --help` says."""

from __future__ import annotations

HELP = """Compare two API documents; each finding comes with a payload that one side takes, the other refuses.

\b
  understudy drift BASE REVISION          two documents
  understudy drift --matrix [NAME...]     all providers, each with each
  understudy drift --watch [NAME...]      what their documents say now
  understudy drift NAME --live FILE.har   what was recorded, and what is said
  understudy drift NAME --live URL        the same, asked now; with
                                          --budget UNITS tasks are bought too

A side is a file or URL with OpenAPI 3.0 to 3.2 of any API, `-` for standard input, `canonical`, a provider,
provider@gitref, or a provider's document in another format, which is normalised first.

\b
Examples:
  understudy drift old.yaml new.yaml
  git show main:api.yaml | understudy drift - api.yaml
  understudy drift canonical chainhub   # a client of the vendor at ChainHub
  understudy drift chainhub@v1.2 chainhub --report markdown=drift.md
  understudy drift old.yaml new.yaml --fail-on "breaks providers"
  UNDERSTUDY_API_KEY=… understudy drift chainhub \\
      --live https://api.example.com/kling --budget 4

\b
Verdicts, worst first:
  breaks clients     a client that stays with BASE breaks: proven with a
                     witness
  breaks providers   a provider that stays with BASE breaks when its clients
                     move on: proven with a witness
  undecided          may break; no witness, and no proof that there is none
  warns              no payload is refused for it, or a policy below says so
  strict             only a sender who sends what his document does not
                     declare is refused
  compatible         of no harm
  no effect          looks like a break, and is shown to be none

\b
Policies:
  A sender does not send properties that its document does not declare,
  unless an object declares none at all or says with a schema what more may
  come (else: strict). readOnly properties are not sent in requests and
  never required there; writeOnly likewise in answers. A new value of an
  enum in an answer warns. A changed default warns: the same payload means
  something else. A format is an annotation, as JSON Schema has it: it
  warns, with a witness for validators that assert it. Parameters are
  compared as they stand on the wire. A property that is gone while one like
  it came is hinted at as a rename. What a provider's documents do not
  mention is inherited and unknown (x-undocumented): it warns, with a
  witness that only a strict reading refuses. --levels moves any rule.

\b
What is compared with what:
  Bodies are compared along HTTP, not along keys: a 404 that `default`
  described may be described by 4XX or by 404 now, and JSON by application/*.
  `default` describes a success only where no success is described. In
  parameters, headers, forms and plain text 5 and "5" are one text, and a
  list of one item is that item. A oneOf whose alternatives shut each other
  out is told as a fault, and read as anyOf. Where a schema with a
discriminator lists no alternatives, those that take it in with allOf are
its alternatives. A part that cannot be read (a
  $ref that names nothing, a schema that includes itself) is a warning at its
  line; what depends on it is undecided, and the rest is compared. Every
  search ends after its share of steps, and is undecided then.

\b
Watch:
  Each provider's documents are read again from where provider.toml says,
  and held against what is committed. `understudy specs import URL --name
  acme` makes such a provider from the address of a page or an OpenAPI file,
  in ./specs/providers/acme. One line for each; exit code 0: it promises the
  same, 1: it breaks at or above --fail-on, 3: it could not be read. Without
  names: every provider that has documents here.

\b
Live:
  Without --budget only what is free is sent: lists, unknown ids, wrong
  credentials, and requests that the document refuses (if one of these is
  taken after all, it is the last, and what it cost is said). With a budget
  whole tasks are bought for each family, to see what success looks like:
  created, polled to their end, asked for by their external id, listed.
  Units go to the cheapest families first. An API without tasks is only
  sent GETs. A recording is any HAR 1.2 file, such as `understudy verify
  --har` and `understudy record` keep.

Exit codes: 0 nothing at or above --fail-on; 1 something is; 2 usage, or a document that cannot be read;
3 could not tell (something is undecided, and nothing fails).
"""
