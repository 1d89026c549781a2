"""Function classes whose complexity has a closed form, one file a class, and the rules to compose
them.
"""
