"""What objects cost a ResourceQuota, and which quotas count them. Read by admission and by the quota's controller alike.

In: documents. Out: amounts by resource name, yes or no. Pure. Rules: pkg/quota/v1/evaluator/core, apiserver/pkg/quota/v1 (1.32).
"""
