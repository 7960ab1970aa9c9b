-- # What a view shows of hashes is what its product sees, under the key of this mesh.
-- attacked: ana for marketing
-- attacked: fred for fraud-investigation
SELECT faces.* FROM ops."window".faces
