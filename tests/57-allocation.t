#!/bin/sh
# No memory: allocations, mappings and threads fail, each in its turn, once and from then on, in every tool. A run gives
# the right bytes, or one line that says "out of memory", and leaves nothing half done. COPPICE_FAULTS=all takes each one.
. "${0%/*}/tap.sh"
nm "$O/bin/rec-cat" 2>/dev/null | grep -q __asan_init && skip_all 'sanitizers have their own malloc'
(cd "$T" && . "$OLDPWD/tests/faults-inputs.sh")
python3 tests/faults.py "$T" memory
