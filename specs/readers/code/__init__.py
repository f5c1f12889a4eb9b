"""Types that source code declares, in Python, TypeScript, Go, Java and Kotlin, as lists of fields."""
