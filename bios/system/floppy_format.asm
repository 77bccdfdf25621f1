; INT 13h, function 05h: formatting.

; AH=05h: one track, its address marks at ES:BX.
floppy_format:
        call floppy_drive_entry
        mov ah, disk_bad_command
        jc .done
        test byte [caller_dh], 0xfe
        jnz .done
        call floppy_motor
        call floppy_changed
        jc .changed
        test byte [di + bda.floppy_media], 0x10
        jnz .established
        mov al, [cs:si + 2]             ; nobody said which format: the drive's own
        mov bl, al
        mov bh, 0
        call floppy_media_state
        mov [di + bda.floppy_media], al
.established:
        mov al, [di + bda.floppy_media]
        rol al, 1
        rol al, 1
        and al, 0x03
        call floppy_set_rate
        mov al, [caller_ch]
        test byte [di + bda.floppy_media], 0x20
        jz .single
        shl al, 1
.single:
        call fdc_seek
        jc .end
        mov bl, 4
        call floppy_parameter
        mov ah, 0
        mov cx, ax
        shl cx, 1
        shl cx, 1
        mov al, 0x4a
        call dma_program
        jc .end
        call fdc_expect
        mov al, fdc_cmd_format
        call fdc_out
        jc .hung
        mov al, [caller_dh]
        shl al, 1
        shl al, 1
        mov cx, di
        or al, cl
        call fdc_out
        mov bl, 3                       ; size, sectors, gap, fill byte
        call floppy_parameter
        call fdc_out
        mov bl, 4
        call floppy_parameter
        call fdc_out
        mov bl, 7
        call floppy_parameter
        call fdc_out
        mov bl, 8
        call floppy_parameter
        call fdc_out
        jc .hung
        call fdc_wait
        jc .end
        call fdc_results
        jc .hung
        call fdc_status
.end:
        jmp floppy_motor_later
.hung:
        call fdc_reset
        mov ah, disk_controller
        jmp .end
.changed:
        call floppy_ready               ; clears the line, or finds no disk
        jmp .end
.done:
        ret
