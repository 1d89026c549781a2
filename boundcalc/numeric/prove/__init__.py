"""The best bound that facts can prove: linear programs and exact certificates."""
