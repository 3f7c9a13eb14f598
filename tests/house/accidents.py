"""Name the test files to run once more, alone, after a run that failed.

    accidents.py RESULT.xml

Many processes on few processors are late now and then, in tests that have
nothing to do with each other. More than a few files are no accident, nor is
what a sanitizer reports: then nothing is printed.
"""
import re
import sys
import xml.etree.ElementTree as tree

FILES_MAX = 3
SANITIZER = re.compile(r"Sanitizer|runtime error:")


def main():
    files = set()
    for case in tree.parse(sys.argv[1]).iter("testcase"):
        for trouble in case:
            if trouble.tag not in ("failure", "error"):
                continue
            if SANITIZER.search(trouble.get("message", "") +
                                "".join(trouble.itertext())):
                return
            files.add(case.get("classname").replace(".", "/") + ".py")
    if len(files) <= FILES_MAX:
        print(*sorted(files))


main()
