#!/bin/sh
# Calls of the system fail, each in its turn, in every tool: what a signal broke off, and short reads and writes, change
# nothing; a full disk, a broken one and the like end in one line, and nothing is left half done. COPPICE_FAULTS=all takes
# each one.
. "${0%/*}/tap.sh"
nm "$O/bin/rec-cat" 2>/dev/null | grep -q __asan_init && skip_all 'sanitizers are to be loaded first'
(cd "$T" && . "$OLDPWD/tests/faults-inputs.sh")
python3 tests/faults.py "$T" calls
