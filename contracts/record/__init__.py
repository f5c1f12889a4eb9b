"""Stand between a client and a real provider: pass everything on, keep what was said, judge it as it passes.

proxy    takes requests, passes them on, tells what was said to a listener
detour   on request, leads result downloads and callbacks past here: guarded, kept, passed on
scribe   what was said as a conversation that `contracts.checks` judges, with every secret blotted out
"""
