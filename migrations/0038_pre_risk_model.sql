-- A risk model is taken into force only where this node has signed it: whoever loads lists must know the public keys. Nothing of anybody.
GRANT SELECT ON signing_key TO serai_writer;
