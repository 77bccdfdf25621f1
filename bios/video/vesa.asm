; Function 4Fh belongs to VESA's extensions. A plain VGA has none: AX comes back as it
; was, which tells a program so (4Fh in AL would mean that the function is known).
vesa_service:
        ret
