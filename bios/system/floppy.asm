; INT 13h for floppies (INT 40h). Drive DI = 0 or 1, DS = 40h, BP = the caller's registers; each function returns its
; status in AH.
;
; Motors are not waited for: a disk that is still starting shows as a failed READ ID, and those are repeated.

int13_floppy:
        service_entry
        sti
        and byte [caller_flags], ~carry_flag
        cmp ah, 0x01
        je .last_status
        cmp ah, (floppy_functions.end - floppy_functions) / 2
        jae .bad
        mov bl, ah
        mov bh, 0
        shl bx, 1
        mov al, dl
        mov ah, 0
        mov di, ax
        call [cs:bx + floppy_functions]
.finish:
        mov [bda.floppy_status], ah
        mov [caller_ah], ah
        test ah, ah
        jz .exit
.carry:
        or byte [caller_flags], carry_flag
.exit:
        service_exit
.bad:
        mov ah, disk_bad_command
        jmp .finish
.last_status:
        mov ah, [bda.floppy_status]
        mov [caller_ah], ah
        test ah, ah
        jnz .carry
        jmp .exit

floppy_functions:
        dw floppy_reset, floppy_bad, floppy_read, floppy_write, floppy_verify, floppy_format, floppy_bad, floppy_bad
        dw floppy_geometry, floppy_bad, floppy_bad, floppy_bad, floppy_bad, floppy_bad, floppy_bad, floppy_bad
        dw floppy_bad, floppy_bad, floppy_bad, floppy_bad, floppy_bad, floppy_kind, floppy_change, floppy_set_kind
        dw floppy_set_media
.end:

floppy_bad:
        mov ah, disk_bad_command
        ret
