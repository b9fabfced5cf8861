"""What is accepted but will not do what its author hopes: texts for Warning headers.

In: defaulted documents. Out: sentences. Rules: pkg/api/pod (warnings.go) and siblings; ours are marked so.
"""
