"""Stand between a client and a real provider: pass everything on, keep what was said, judge it as it passes.

streams    HTTP/1.1 as bytes, by h11;  codings: bodies unpacked for reading
passed     one exchange as it passed
recording  what was said as a conversation that `contracts.checks` judges; secrets blots out what is nobody's
           business;  har_file: the file of it, written anew while it grows
reroute    on request, routes result downloads and callbacks through here: guarded, kept, passed on
proxy      takes requests, passes them on, tells what passed to a listener
"""
