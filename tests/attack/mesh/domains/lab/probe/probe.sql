SELECT 'nothing' AS v
